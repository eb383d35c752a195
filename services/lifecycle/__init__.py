"""The lifecycle moves leads through the agreed stages and holds both teams to the agreed clocks."""
