"""The line where everything that may go wrong does: crashes, repeats, zombies, clocks that jump."""
