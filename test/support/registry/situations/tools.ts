/** Images as cosign, oras and skopeo leave them in a registry. */
import { routesOf } from "../fault-server.ts";
import type { Situation } from "../situation.ts";
import { readToolImages, repositoryContent } from "../tool-images.ts";
import { toolQuestions } from "../tool-questions.ts";
import { toolSituation } from "./tool-situation.ts";

const images = readToolImages();

export const toolSituations: readonly Situation[] = toolQuestions.map((question) => ({
  ...toolSituation(question, images),
  servers: {
    A: { routes: routesOf(`vendor/${question.repository}`, repositoryContent(images, question.repository)) },
  },
}));
