"""Has what a model sees changed?"""
