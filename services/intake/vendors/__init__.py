"""One file per vendor; each has a ``VENDOR``, and ``services.intake.registry`` finds it."""
