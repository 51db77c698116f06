/** Files as they are in the wild, with the images that they name. */
export interface Sample {
  readonly name: string;
  readonly text: string;
  /** `line:column path text`. */
  readonly places: readonly string[];
}

const deployment = `# The front end
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # two blanks before this
  annotations:
    image.example.com/note: "docker.io/library/not-an-image:1"
spec:
  replicas: 2
  template:
    spec:
      initContainers:
      - name: migrate
        image: 'registry.example.com:5000/shop/migrate:4.2'
        command: ["sh", "-c", "echo image: x"]
      containers:
      - image: "registry.example.com:5000/shop/web:4.2" # keep in step with migrate
        name: web
      - name: proxy
        image: docker.io/library/nginx@sha256:${"0".repeat(64)}
      ephemeralContainers:
      - {name: debug, image: quay.io/tools/debug}
      volumes:
      - name: models
        image:
          reference: registry.example.com:5000/shop/models:v1
          pullPolicy: IfNotPresent
`;

const cronJob = `apiVersion: batch/v1
kind: CronJob
metadata: { name: report }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: report
              image: >-
                registry.example.com/batch/report:2025-01
              imagePullPolicy: Always
`;

const list = `{
\t"apiVersion": "v1",
\t"kind": "List",
\t"items": [
\t\t{ "kind": "Pod", "spec": { "containers": [ { "name": "a", "image": "registry.example.com\\/a:1" } ] } },
\t\t{ "kind": "Pod", "spec": { "containers": [ { "name": "b", "image": "registry.example.com/a:1" } ] } }
\t]
}
`;

const compose = `x-logging: &logging
  driver: json-file
x-worker: &worker
  image: registry.example.com/app/worker:7
  logging: *logging

services:
  web:
    image: "registry.example.com/app/web:\${TAG:-latest}"
    ports: ["8080:80"]
  one:
    <<: *worker
  two:
    <<: *worker
    image: &two registry.example.com/app/two:7
  three: { image: *two }
  db:
    image: postgres:16
  built:
    build: ./built
`;

const helmOutput = `---
# Source: shop/charts/redis/templates/statefulset.yaml
apiVersion: apps/v1
kind: StatefulSet
spec:
  template:
    spec:
      containers:
        - name: redis
          image: registry.example.com/mirror/redis:7.2
          args:
            - |
              image: registry.example.com/only/text:1
---
# Source: shop/templates/tests/test.yaml
apiVersion: v1
kind: Pod
metadata:
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: registry.example.com/mirror/busybox:1.36
---
# Source: shop/crds/widget.yaml
kind: CustomResourceDefinition
spec:
  schema:
    properties:
      image: { type: string, description: The image of the widget }
---
`;

const helmRelease = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  values:
    image: { registry: registry.example.com, repository: shop/api, tag: "1.10", digest: "" }
    sidecar:
      image:
        repository: registry.example.com/shop/sidecar
        tag: v3
    other:
      image: {repository: registry.example.com/shop/other}
    number:
      image: {repository: registry.example.com/shop/number, tag: 1.10}
`;

const imageSet = `kind: ImageSetConfiguration
apiVersion: mirror.openshift.io/v2alpha1
mirror:
  platform:
    channels:
    - name: stable-4.18
  operators:
  - catalog: registry.redhat.io/redhat/redhat-operator-index:v4.18
    packages:
    - name: aws-load-balancer-operator
  additionalImages:
  - name: registry.redhat.io/ubi9/ubi:latest
  - name: quay.io/vendor/tool@sha256:${"1".repeat(64)}
  blockedImages:
  - name: registry.redhat.io/blocked/image:1
`;

const mapping = `registry.redhat.io/ubi9/ubi@sha256:${"2".repeat(64)}=mirror.example.com:5000/ubi9/ubi:latest
docker://quay.io/vendor/tool:1=docker://mirror.example.com:5000/vendor/tool:1
oci:///home/user/index=mirror.example.com:5000/index:v1
`;

export const samples: readonly Sample[] = [
  {
    name: "Deployment",
    text: deployment,
    places: [
      "14:16 spec.template.spec.initContainers[0].image registry.example.com:5000/shop/migrate:4.2",
      "17:16 spec.template.spec.containers[0].image registry.example.com:5000/shop/web:4.2",
      `20:16 spec.template.spec.containers[1].image docker.io/library/nginx@sha256:${"0".repeat(64)}`,
      "22:30 spec.template.spec.ephemeralContainers[0].image quay.io/tools/debug",
      "26:22 spec.template.spec.volumes[0].image.reference registry.example.com:5000/shop/models:v1",
    ],
  },
  {
    name: "CronJob",
    text: cronJob,
    places: ["13:22 spec.jobTemplate.spec.template.spec.containers[0].image registry.example.com/batch/report:2025-01"],
  },
  {
    name: "List in JSON",
    text: list,
    places: [
      "5:70 items[0].spec.containers[0].image registry.example.com/a:1",
      "6:70 items[1].spec.containers[0].image registry.example.com/a:1",
    ],
  },
  {
    name: "Compose",
    text: compose,
    places: [
      "4:10 x-worker.image registry.example.com/app/worker:7",
      `9:12 services.web.image registry.example.com/app/web:\${TAG:-latest}: variable`,
      "15:17 services.two.image registry.example.com/app/two:7",
      "16:19 services.three.image registry.example.com/app/two:7",
      "18:12 services.db.image postgres:16: short-name",
    ],
  },
  {
    name: "helm template",
    text: helmOutput,
    places: [
      "10:18 spec.template.spec.containers[0].image registry.example.com/mirror/redis:7.2",
      "24:14 spec.containers[0].image registry.example.com/mirror/busybox:1.36",
    ],
  },
  {
    name: "HelmRelease",
    text: helmRelease,
    places: [
      "5:58 spec.values.image registry.example.com/shop/api:1.10",
      "8:21 spec.values.sidecar.image registry.example.com/shop/sidecar:v3",
      "11:27 spec.values.other.image registry.example.com/shop/other: parts-without-tag",
      "13:27 spec.values.number.image registry.example.com/shop/number: not-text",
    ],
  },
  {
    name: "ImageSetConfiguration",
    text: imageSet,
    places: [
      "12:11 mirror.additionalImages[0].name registry.redhat.io/ubi9/ubi:latest",
      `13:11 mirror.additionalImages[1].name quay.io/vendor/tool@sha256:${"1".repeat(64)}`,
    ],
  },
  {
    name: "mapping.txt",
    text: mapping,
    places: [
      "1:101 - mirror.example.com:5000/ubi9/ubi:latest",
      "2:32 - docker://mirror.example.com:5000/vendor/tool:1",
      "3:24 - mirror.example.com:5000/index:v1",
    ],
  },
  {
    name: "lines",
    text: "\uFEFF# images\r\n\r\n  registry.example.com/a:1   # first\r\ndocker://busybox\r\ndir:/srv/my images/a #1\r\nregistry.example.com/a:1",
    places: [
      "3:3 - registry.example.com/a:1",
      "4:1 - docker://busybox",
      "5:1 - dir:/srv/my images/a #1",
      "6:1 - registry.example.com/a:1",
    ],
  },
];
