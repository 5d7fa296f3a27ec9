// Goes through everything a video application does, with the vendor's own client; prints one JSON object per step.
// Arguments: base URL, key, key of another account, user id, file of a PNG.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Leonardo, SDK_METADATA } from "@leonardo-ai/sdk";
import { CreateImageToVideoGenerationString, ImageType, String as FrameType } from "@leonardo-ai/sdk/sdk/models/operations/index.js";

const [serverURL, key, otherKey, userId, pictureFile] = process.argv.slice(2);
const client = new Leonardo({ bearerAuth: key, serverURL });
const picture = await readFile(pictureFile);

const GENERATION = ["createdAt", "generatedImages", "generationElements", "guidanceScale", "id", "imageHeight",
  "imageWidth", "inferenceSteps", "initStrength", "modelId", "negativePrompt", "photoReal", "photoRealStrength",
  "presetStyle", "prompt", "promptMagic", "promptMagicStrength", "promptMagicVersion", "public", "seed", "status", "ultra"];
const IMAGE = ["fantasyAvatar", "generatedImageVariationGenerics", "id", "imageToVideo", "likeCount", "motion",
  "motionModel", "motionMp4URL", "motionStrength", "nsfw", "url"];
const USER = ["apiConcurrencySlots", "apiPaidTokens", "apiPlanTokenRenewalDate", "apiSubscriptionTokens", "paidTokens",
  "subscriptionGptTokens", "subscriptionModelTokens", "subscriptionTokens", "tokenRenewalDate", "user"];

function assertGiven(value, names) {
  for (const name of names) assert.notEqual(value[name], undefined, `${name} is not there`);
}

function tell(step, facts = {}) {
  console.log(JSON.stringify({ step, ...facts }));
}

async function uploadedImage() {
  const { object } = await client.initImages.uploadInitImage({ extension: "png" });
  const form = new FormData();
  for (const [name, value] of Object.entries(JSON.parse(object.uploadInitImage.fields))) form.append(name, value);
  form.append("file", new Blob([picture], { type: "image/png" }), "start.png");
  const sent = await fetch(object.uploadInitImage.url, { method: "POST", body: form });
  assert.equal(sent.status, 204);
  return object.uploadInitImage.id;
}

function jobOf({ object }) {
  const job = object.motionVideoGenerationJob;
  assertGiven(job, ["generationId", "apiCreditCost", "cost"]);
  assert.equal(job.cost.unit, "DOLLARS");
  return job.generationId;
}

async function finished(id) {
  const seen = [];
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { object } = await client.image.getGenerationById(id);
    const video = object.generationsByPk;
    assertGiven(video, GENERATION);
    if (seen.at(-1) !== video.status) seen.push(video.status);
    if (video.status !== "PENDING") {
      assertGiven(video.generatedImages[0], IMAGE);
      const film = await fetch(video.generatedImages[0].motionMp4URL);
      assert.equal(film.headers.get("content-type"), "video/mp4");
      return seen;
    }
    assert.deepEqual(video.generatedImages, []);
    await pause(50);
  }
  throw new Error(`${id} did not end`);
}

tell("client", { version: SDK_METADATA.sdkVersion });

const me = (await client.user.getUserSelf()).object.userDetails[0];
assertGiven(me, USER);
tell("user", { id: me.user.id });

const first = await uploadedImage();
const image = (await client.initImages.getInitImageById(first)).object.initImagesByPk;
assertGiven(image, ["createdAt", "id", "url"]);
const served = Buffer.from(await (await fetch(image.url)).arrayBuffer());
tell("upload", { isSame: served.equals(picture) });

const start = { prompt: "A cat roaring like a tiger", imageId: first, imageType: ImageType.Uploaded };
const fromImage = jobOf(await client.motion.createImageToVideoGeneration(start));
tell("image-to-video", { statuses: await finished(fromImage) });

const endFrameImage = { id: await uploadedImage(), type: FrameType.Uploaded };
const model = CreateImageToVideoGenerationString.Kling21;
const fromFrames = jobOf(await client.motion.createImageToVideoGeneration({ ...start, endFrameImage, model }));
tell("first-last-frame", { statuses: await finished(fromFrames) });

const fromText = jobOf(await client.motion.createTextToVideoGeneration({ prompt: "A dog on the beach" }));
tell("text-to-video", { statuses: await finished(fromText) });

const listed = (await client.image.getGenerationsByUserId(userId, 3)).object.generations;
for (const item of listed) assertGiven(item, GENERATION);
const newestFirst = [fromText, fromFrames, fromImage];
tell("list", { isNewestFirst: JSON.stringify(listed.map((item) => item.id)) === JSON.stringify(newestFirst) });

const deleted = (await client.image.deleteGenerationById(fromText)).object.deleteGenerationsByPk;
const gone = (await client.image.getGenerationById(fromText)).object.generationsByPk;
tell("delete", { isNamed: deleted.id === fromText, isGone: gone === null });

const other = new Leonardo({ bearerAuth: otherKey, serverURL });
tell("other account", { seen: (await other.image.getGenerationById(fromImage)).object.generationsByPk });

const stranger = new Leonardo({ bearerAuth: "00000000-0000-0000-0000-000000000000", serverURL });
const refusal = await stranger.user.getUserSelf().then(() => null, (error) => error);
tell("unknown key", { status: refusal.statusCode, body: JSON.parse(refusal.body) });

const nobody = new Leonardo({ serverURL });
const missing = await nobody.user.getUserSelf().then(() => null, (error) => error);
tell("no key", { status: missing.statusCode });
