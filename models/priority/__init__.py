"""How urgent is a ticket?"""
