"""Which customers are about to leave?"""
