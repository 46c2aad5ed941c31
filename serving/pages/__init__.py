"""Pages for people under ``/app``: rendered on the server, without JavaScript, in Chinese and English."""

from serving.pages.app import pages_app

__all__ = ["pages_app"]
