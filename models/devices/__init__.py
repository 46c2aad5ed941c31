"""Which devices will fail soon, and which part?"""
