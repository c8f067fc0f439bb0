"""The tree's hashes as they are stored, and every proof built from them; records may be gone, these stay.

What a proof must show and how it is checked is no matter of this room's: see ``gateway.proof``.
"""
