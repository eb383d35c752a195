"""Every check, each with a document that breaks one clause: what is found, where, and what to do."""
