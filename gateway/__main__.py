"""``python -m gateway``; the launcher ``gw`` ends here."""

from gateway.cli import main

if __name__ == "__main__":
    main(prog_name="gw")
