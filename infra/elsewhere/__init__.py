"""Files that are not ours: in a folder, in a bucket. They are looked at and read, never written."""
