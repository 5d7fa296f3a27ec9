"""What Recoup offers: models, prices, lengths, readiness and the four templates. Data only.

Marks as in contracts/recoup/SOURCE.md. The vendor's ids and counts; the texts are our own.
"""

from typing import Final

import msgspec

from simulator.core.runs import Stage

LIPSYNC_MODEL: Final = "fal-ai/ltx-2-19b/audio-to-video"  # [impl] lipsync
VIDEO_MODEL: Final = "fal-ai/veo3.1/fast/image-to-video"  # [seed 000] every other mode
IMAGE_MODEL: Final = "fal-ai/nano-banana-2"  # [docs]
IMAGE_EDIT_MODEL: Final = "fal-ai/nano-banana-2/edit"  # [impl] with a reference image
CAPTION_MODEL: Final = "text"  # assumed: the documents name none
UPSCALE_MODEL: Final = "fal-ai/seedvr2/upscale"  # [seed 002] SeedVR2; the id is assumed
ANALYZE_MODEL: Final = "pegasus"  # [impl] TwelveLabs; the id is assumed

# How long things take. Recoup's own video call takes 60 to 180 s; ours are short (assumed).
SYNCHRONOUS_STAGES: Final = {
    "createVideo": (Stage("generating", 300),),
    "createImage": (Stage("generating", 200),),
    "createCaption": (Stage("generating", 50),),
    "transcribeAudio": (Stage("generating", 100),),
    "upscaleMedia": (Stage("generating", 200),),
    "analyzeVideo": (Stage("generating", 100),),
}
TASK_STAGES: Final = (  # [impl] QUEUED, DEQUEUED, EXECUTING
    Stage("queued", 400, "queued"),
    Stage("dequeued", 100, "queued"),
    Stage("executing", 2000),
)
UPSCALE_STAGE: Final = Stage("upscaling", 1000)  # [seed 002] upscaling takes longer
TASKS: Final = {"createContent": "create-content", "editContent": "ffmpeg-edit"}  # [docs]
TASK_ENVIRONMENT: Final = {"id": "env_production", "name": "production"}  # assumed

DURATIONS_MS: Final = {"4s": 4000, "6s": 6000, "7s": 7000, "8s": 8000}  # [seed 001]
VIDEO_SIZES: Final = {  # [seed 001] names; `auto` is 16:9 (assumed)
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "4k": (3840, 2160),
    "1440p": (2560, 1440),
    "2160p": (3840, 2160),
}
IMAGE_LONG_SIDE: Final = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}  # [docs] names
LARGEST_IMAGE_SIDE: Final = 8192  # assumed
CONTENT_SIZE: Final = (720, 1280)  # templates crop to 9:16 [docs]
CONTENT_DURATION_MS: Final = 8000
SMALLEST_SIDE: Final = 16
LARGEST_PAGE: Final = 100  # [docs], in prose only (row 35)

CAPTION_STYLE: Final = {  # [impl] constants
    "font": None,
    "color": "white",
    "borderColor": "black",
    "maxFontSize": 42,
}
DEFAULT_IMAGE_PROMPT: Final = "A natural portrait of a musician, looking past the camera"

# Prices in cents a video, by step [impl: totals; the steps are assumed].
COST_CENTS: Final = {
    "budget": {"image": 4, "video": 13, "caption": 1},
    "mid": {"image": 8, "video": 52, "caption": 2},
    "current": {"image": 8, "video": 72, "caption": 2},
    "current-lipsync": {"image": 8, "video": 85, "caption": 2},
}

CAPTIONS: Final = {  # by length [seed 002: lines, sentences, a paragraph]; `{topic}` is filled in
    "short": ("{topic}, again", "still thinking about {topic}", "{topic} and nothing else"),
    "medium": (
        "i wrote this one about {topic}. it took the whole night to say it once.",
        "nobody asked about {topic}. so i put it in a song.",
        "{topic} sounded different in the morning. i kept the first take anyway.",
    ),
    "long": (
        "there is a version of this where {topic} does not matter. i have tried to live in it. i "
        "drive around, i leave the radio off, i count the lights. then the chorus comes back and "
        "i am exactly where i was.",
        "i keep telling people the record is not about {topic}. it is about a room, a window, a "
        "bag by the door. but you cannot write all of that down without writing the other thing.",
    ),
}
SONG_LENGTH_S: Final = 8.0  # assumed
LYRICS: Final = (  # what the speech model hears
    ("i kept the lights on for you", "and the morning came anyway"),
    ("say it slower this time", "i am only learning the words"),
    ("there is a coat on the chair", "there is nobody home to wear it"),
)
ANALYSES: Final = (  # what the analysis model sees
    "A person stands near the camera while the light behind them slowly changes.",
    "The clip holds on one face; the background drifts and a short text appears below.",
    "A single slow movement through a room, ending on an object in the foreground.",
)


class Requirement(msgspec.Struct, frozen=True):
    """A file in an artist's folder; the readiness check asks for it in this order [impl]."""

    file: str
    severity: str
    fix: str
    description: str


FACE_GUIDE: Final = "context/images/face-guide.png"
SONGS: Final = "songs/*.mp3"
ARTIST_CONTEXT: Final = "context/artist.md"
AUDIENCE_CONTEXT: Final = "context/audience.md"
NO_TREE: Final = Requirement(
    "artists/",
    "required",
    "No repository file tree found. The sandbox repo may be empty or the artist directory does "
    "not exist yet.",
    "The artist's folder",
)
REQUIREMENTS: Final = (  # [impl] files; the texts of all but the first are assumed
    Requirement(
        FACE_GUIDE,
        "required",
        "Generate a face guide image before creating content.",
        "A picture of the artist's face",
    ),
    Requirement(SONGS, "required", "Add at least one mp3 file.", "A song"),
    Requirement(
        "config/content-creation/config.json",
        "recommended",
        "Add a content configuration to replace the defaults.",
        "The content configuration",
    ),
    Requirement(
        ARTIST_CONTEXT,
        "recommended",
        "Describe the artist so that captions sound like them.",
        "Who the artist is",
    ),
    Requirement(
        AUDIENCE_CONTEXT,
        "recommended",
        "Describe the audience so that captions speak to it.",
        "Who listens",
    ),
    Requirement(
        "context/era.json",
        "recommended",
        "Describe the present era to keep releases consistent.",
        "The present release",
    ),
)

EDIT_OPERATIONS: Final = (  # [docs][impl] identical in all templates
    {"type": "crop", "aspect": "9:16"},
    {
        "type": "overlay_text",
        "color": "white",
        "stroke_color": "black",
        "position": "bottom",
        "max_font_size": 42,
    },
    {"type": "mux_audio", "replace": True},
)


class Template(msgspec.Struct, frozen=True):
    """One template; `references` counts its reference pictures."""

    id: str
    description: str
    prompt: str
    references: int
    style_rules: dict[str, dict[str, str]]
    moods: tuple[str, ...]
    movements: tuple[str, ...]
    style: str
    role: str
    tone: str
    rules: tuple[str, ...]
    formats: tuple[str, ...]
    examples: tuple[str, ...]


DEFAULT_TEMPLATE: Final = "artist-caption-bedroom"  # [seed 002]
CREATE_ONLY: Final = ("artist-release-editorial",)  # [impl] accepted by create, listed nowhere

INHERITED_NAMES: Final = frozenset((  # every name on a plain JavaScript object [impl]
    "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__",
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
    "toString", "valueOf",
))  # fmt: skip

_REALISM: Final = {
    "priority": "believable before beautiful",
    "texture": "visible skin, fabric and grain",
    "imperfections": "slight blur, uneven light, stray hair",
    "avoid": "smooth skin, symmetry, studio polish",
}
_SUBJECT: Final = {
    "expression": "calm, caught between thoughts",
    "pose": "at ease, turned a little away",
    "clothing": "what one wears at home",
    "framing": "head and shoulders, off centre",
}

BEDROOM: Final = Template(
    id="artist-caption-bedroom",
    description="The artist alone in a dim bedroom, with a caption like a private note",
    prompt="A phone photo of the artist sitting on an unmade bed at night, lit by a small lamp",
    references=13,
    style_rules={
        "camera": {
            "type": "phone, front lens",
            "angle": "propped up on a shelf",
            "quality": "grainy, a little dark",
            "focus": "soft at the edges",
        },
        "environment": {
            "feel": "private and quiet",
            "lighting": "one warm lamp, one cold screen",
            "backgrounds": "bed, posters, a half-open door",
            "avoid": "tidy rooms and daylight",
        },
        "subject": _SUBJECT,
        "realism": _REALISM,
    },
    moods=(
        "wide awake at three",
        "homesick inside the home",
        "tired but not sleepy",
        "about to laugh, deciding not to",
        "waiting for a reply",
        "proud and not showing it",
        "bored in a tender way",
        "nervous before a release",
        "remembering somebody",
        "done with the day",
    ),
    movements=(
        "The camera leans in by a hand's width",
        "The head turns to the window and back",
        "A slow breath lifts the shoulders",
        "Fingers tap on the knee in time",
        "The lamp flickers once",
        "Eyes drop to the phone, then rise",
        "The picture drifts left as if hand-held",
        "A curtain moves behind the artist",
        "The artist pulls up a sleeve",
        "The screen's light shifts across the face",
    ),
    style="a thought typed at night",
    role="says what the face does not",
    tone="small, honest, lower-case",
    rules=(
        "one thought only",
        "no hashtags",
        "no emoji",
        "no song title",
        "no artist name",
        "no exclamation marks",
        "concrete things before feelings",
        "never explain the joke",
        "never ask for attention",
        "leave the last word open",
    ),
    formats=(
        "one short line",
        "two lines, the second turns the first",
        "a line that begins in the middle",
        "a list of two things",
        "a question without a question mark",
    ),
    examples=(
        "the room knows before i do",
        "i rehearsed being fine and then you called",
        "left the lamp on for no one in particular",
        "two unread messages and a verse",
        "it only sounds sad from outside",
        "went to bed early, wrote until four",
    ),
)

OUTSIDE: Final = Template(
    id="artist-caption-outside",
    description="The artist outdoors between places, with a caption like an overheard line",
    prompt="A candid phone photo of the artist on a street at dusk, walking past closed shops",
    references=16,
    style_rules={
        "camera": {
            "type": "phone, back lens",
            "angle": "from across the street",
            "quality": "sharp in the middle, noisy in the shadows",
            "focus": "on the artist, traffic blurred",
        },
        "environment": {
            "feel": "between two places",
            "lighting": "street lamps and the last daylight",
            "backgrounds": "bus stops, car parks, bridges, corner shops",
            "avoid": "landmarks and crowds",
        },
        "subject": {**_SUBJECT, "clothing": "a jacket that has been rained on"},
        "realism": _REALISM,
    },
    moods=(
        "late and not hurrying",
        "light after a long week",
        "lost on purpose",
        "cold hands, good news",
        "just missed the bus",
        "leaving a party early",
        "new in town",
        "back where it started",
        "quietly winning",
        "looking for a sign",
    ),
    movements=(
        "The artist walks toward the camera and past it",
        "A car's lights sweep across the wall",
        "The camera follows two steps behind",
        "Wind lifts the collar",
        "The artist stops and looks up",
        "A sign blinks above the head",
        "The camera tilts from shoes to face",
        "Rain begins, barely",
        "A train passes behind the fence",
        "The artist leans on a railing",
        "Reflections slide over a shop window",
        "The camera circles a quarter turn",
        "A door opens and spills light",
        "Breath shows in the air",
        "The artist crosses the street against the light",
        "The picture settles as the steps stop",
    ),
    style="a line overheard in passing",
    role="gives the place a reason",
    tone="dry, quick, unbothered",
    rules=(
        "name something that can be seen",
        "no weather report",
        "no hashtags",
        "no emoji",
        "no advice",
        "no city names",
        "at most twelve words a line",
        "verbs before adjectives",
        "never mention the camera",
        "end before it is clear",
    ),
    formats=(
        "one line as if said aloud",
        "two lines, a time and a thing",
        "half of a conversation",
        "directions to nowhere",
        "a small confession",
    ),
    examples=(
        "walked home the long way to finish the verse",
        "the corner shop knows all my drafts",
        "11:40, still not texting back",
        "you would like this street, it ends",
        "told the driver to keep the change and the song",
        "every light was green and i was early for nothing",
    ),
)

STAGE: Final = Template(
    id="artist-caption-stage",
    description="The artist on a small stage seen from the crowd, with a plain caption",
    prompt="A grainy phone photo of the artist on a small stage, taken from the third row",
    references=10,
    style_rules={
        "camera": {
            "type": "phone held over heads",
            "angle": "low, from the crowd",
            "quality": "blown-out lights, heavy grain",
        },
        "environment": {
            "feel": "loud and close",
            "lighting": "one coloured spot, smoke",
            "backgrounds": "amplifiers, cables, a painted wall",
            "avoid": "arenas, screens, confetti",
        },
        "subject": {**_SUBJECT, "pose": "at the microphone, eyes shut"},
        "realism": _REALISM,
    },
    moods=(),
    movements=(),
    style="what somebody says on the way out",
    role="stays smaller than the picture",
    tone="plain and low-key",
    rules=(
        "one sentence at most",
        "no dates or venues",
        "no hashtags",
        "no emoji",
        "no thanks to the crowd",
        "no capital letters",
        "no superlatives",
        "never sell tickets",
        "let the room speak",
    ),
    formats=(
        "one short line",
        "a line from the crowd",
        "the last words before the song",
        "a count-in",
        "what was not played",
    ),
    examples=(
        "they came for the last song",
        "the monitor was off and so were we",
        "played it slower for the back row",
        "somebody sang the wrong verse and kept it",
        "we only know three endings",
    ),
)

RECORD_STORE: Final = Template(
    id="album-record-store",
    description="The album as a vinyl record found in a small record store",
    prompt="A close photo of the album's sleeve in a wooden bin of a small record store",
    references=9,
    style_rules={
        "camera": {
            "type": "compact camera with flash",
            "angle": "over the bin, looking down",
            "quality": "hard flash, deep shadows",
            "focus": "on the sleeve",
        },
        "environment": {
            "feel": "dusty and loved",
            "lighting": "neon tube and flash",
            "backgrounds": "bins, handwritten labels, a counter",
            "avoid": "chain stores and price tags in front",
        },
        "subject": {
            "expression": "none, only hands",
            "pose": "a hand flips through the bin",
            "clothing": "a sleeve at the edge",
            "framing": "the record fills half the picture",
        },
        "realism": _REALISM,
    },
    moods=(
        "found by accident",
        "saturday without plans",
        "the last copy",
        "a gift for nobody yet",
        "smells of cardboard",
        "closing time",
        "first pressing pride",
        "somebody's favourite shelf",
    ),
    movements=(
        "A hand flips two sleeves and stops",
        "The record slides half out of its sleeve",
        "The camera dips into the bin",
        "Neon flickers over the cover",
        "The needle comes down out of focus",
        "A label turns past the lens",
        "The sleeve is lifted to the light",
        "The camera pulls back to the full shelf",
    ),
    style="a note on a record's sleeve",
    role="sells without selling",
    tone="warm, knowing, brief",
    rules=(
        "speak of the object",
        "no prices",
        "no release dates",
        "no hashtags",
        "no emoji",
        "no genre words",
        "one image a line",
        "never say timeless",
        "sound like the shopkeeper",
    ),
    formats=(
        "a shopkeeper's label",
        "a line about side b",
        "what it stands next to",
        "who bought the last one",
        "instructions for listening",
    ),
    examples=(
        "filed under: call your sister",
        "side b is the reason",
        "between two records you already own",
        "play loud, then once more alone",
        "somebody traded a guitar for this",
        "the crackle is part of it",
        "ask for it by the colour",
        "last copy, again",
    ),
)

TEMPLATES: Final = {  # [docs] in this order
    template.id: template for template in (BEDROOM, OUTSIDE, STAGE, RECORD_STORE)
}
