"""Who should take a ticket?"""
