"""Gives every address its role: the council's people, lists and domains from a CSV file, all others by careful inference.

Directory.from_csv(path).resolve(draft)   # a draft whose parties have roles, lists expanded
LiveDirectory(path).current()             # the same, following the file as it changes
"""

from nlp.protocols import Fault

from .csv_file import DirectoryError, Entry
from .live import LiveDirectory
from .people import EXAMPLE, Directory

__all__ = ["EXAMPLE", "Directory", "DirectoryError", "Entry", "Fault", "LiveDirectory"]
