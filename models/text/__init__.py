"""Which label does a ticket's text carry?"""
