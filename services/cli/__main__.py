"""``python -m services.cli``: the command line without the installed script."""

from services.cli.main import main

main()
