"""文件: a file given as it is, from a folder of the gateway's machine or an S3-compatible store.

Before its first byte leaves, the whole file is read once: its digests (SHA-256, SM3) are those the answer names and the
mount may pin, and a virus scanner sees it where one is set up. Both are kept for as long as the file does not change. What
leaves afterwards is read anew, and only from that same file.
"""

from gateway.exchange.connectors.files.checking import Checker, Facts
from gateway.exchange.connectors.files.opening import Checked, Files
from gateway.exchange.connectors.files.scanning import FileInfected, FileNotScanned
from gateway.exchange.connectors.files.source import FileNotThere, Source

__all__ = ["Checked", "Checker", "Facts", "FileInfected", "FileNotScanned", "FileNotThere", "Files", "Source"]
