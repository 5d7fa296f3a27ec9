"""Legal values of Recoup's fields that no word of a schema names: plain links, long texts, floats.

No source bounds a text but the prompt of analyze; a URL may be of any scheme, and of any form that
RFC 3986 and WHATWG both take; a list without a least length may be empty.
"""

from __future__ import annotations

from typing import Any, Final

_PLAIN: Final = "http://media.example.com:8080/a%20b/file?sig=a%2Bb&n=1#t=2"
_LONG: Final = "a slow pan over the empty stage, the last guests leave, " * 80
_SCRIPTS: Final = "夜のドライブ \N{NIGHT WITH STARS} ليلة"
_HALVES: Final = [
    {"type": "trim", "start": 0.5, "duration": 2.5},
    {"type": "overlay_text", "content": "out now", "max_font_size": 12.5},
]

FURTHER: Final[dict[str, dict[str, dict[str, Any]]]] = {
    # No document has a most, and the observed one is this.
    "estimateContent": {"many": {"batch": 100}},
    "createVideo": {
        "plain links": dict.fromkeys(
            ("image_url", "end_image_url", "video_url", "audio_url"), _PLAIN
        ),
        "long texts": {"prompt": _LONG, "negative_prompt": _LONG},
        "empty texts": {"prompt": "", "negative_prompt": ""},
    },
    "createContent": {
        "plain links": {"songs": [_PLAIN], "images": [_PLAIN]},
        "empty lists": {"songs": [], "images": []},
        "several": {"songs": ["hiccups", _PLAIN], "images": [_PLAIN, _PLAIN]},
    },
    "editContent": {
        "plain links": {"video_url": _PLAIN},
        "fractions": {"operations": _HALVES},
        "long texts": {"operations": [{"type": "overlay_text", "content": _LONG}]},
        "other scripts": {"operations": [{"type": "overlay_text", "content": _SCRIPTS}]},
    },
    "createImage": {
        "plain links": {"reference_image_url": _PLAIN, "images": [_PLAIN]},
        "long texts": {"prompt": _LONG},
        "empty texts": {"prompt": ""},
        "empty lists": {"images": []},
        "several": {"images": [_PLAIN, _PLAIN]},
    },
    "createCaption": {
        "long texts": {"topic": _LONG},
        "other scripts": {"topic": _SCRIPTS},
    },
    "transcribeAudio": {
        "plain links": {"audio_urls": [_PLAIN]},
        "several": {"audio_urls": [_PLAIN, "https://example.com/song.mp3"]},
    },
    "upscaleMedia": {
        "plain links": {"url": _PLAIN},
        "fractions": {"upscale_factor": 2.25},
    },
    "analyzeVideo": {
        "plain links": {"video_url": _PLAIN},
        "fractions": {"temperature": 0.55},
        "other scripts": {"prompt": _SCRIPTS},
    },
}
"""By operation, and by what the values have in common."""
