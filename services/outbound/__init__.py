"""What is concluded, said to systems outside: webhooks, and properties of records in a CRM.

Here machines are told, not people. A destination is an **outlet** (how a request is built and an answer read,
without a socket) and a queue in the store.
"""
