"""The edge: sockets, limits, routes and answers. Nothing here reads what a request means."""
