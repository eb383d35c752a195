"""What every store and every host keeps to, whichever it is."""
