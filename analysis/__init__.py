"""Small Caps, Audited: published claims about US small-cap stocks, put to the test."""

__version__ = "0.1.0"
