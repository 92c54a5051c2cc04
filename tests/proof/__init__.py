"""Servers on which whoever judges a server of the image API is proved.

A reference that conforms, servers with one fault each, odd servers that conform all the same, and
targets that are no API at all. They know nothing of the judge.
"""
