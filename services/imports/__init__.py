"""Reading files into facts: each file kind is a pure source of facts; who appends them is not known here."""
