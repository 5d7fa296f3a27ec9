"""What stands where in NanoGPT's replies, whatever else may be there."""

from __future__ import annotations

from typing import Any


def data_of(answer: Any) -> dict[str, Any]:
    """Return the `data` of a status reply, empty if it has none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def status_of(answer: Any) -> str:
    """Return the status in the `data` of a status reply, an empty text if it has none."""
    return str(data_of(answer).get("status", ""))


def video_url(answer: Any) -> object:
    """Return where the video of a status reply is, None if it says nothing of it."""
    output = data_of(answer).get("output")
    video = output.get("video") if isinstance(output, dict) else None
    return video.get("url") if isinstance(video, dict) else None


def story_url(answer: Any) -> object:
    """Return where the video of a LongStories status reply is, None if it says nothing of it."""
    output = data_of(answer).get("output")
    return output.get("url") if isinstance(output, dict) else None


def model_of(answer: Any) -> str:
    """Return the model that a submission's reply names, an empty text if it names none."""
    return str(answer.get("model", "")) if isinstance(answer, dict) else ""


def project_of(answer: Any) -> str:
    """Return the project that a submission's reply names, one of nobody if it names none."""
    given = answer.get("projectId") if isinstance(answer, dict) else None
    return given if isinstance(given, str) else "proj_none"
