"""The version of evcli, in a place of its own: whoever names it need not know the public face of the package."""

__version__ = "0.1.0"
