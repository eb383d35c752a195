"""What people ask of a store: leads, their histories, the numbers, and how the line is doing.

Every function takes a connection that is in a transaction (``Database.reading``) and returns frozen rows;
none writes, and none waits. What is shown of them, and in which words, is for who asks.
"""
