// Before packages are installed in an image: takes out of package.json and npm's lock what is answered by packages of ours.
// node leave-out.cjs [VERSION [FOLDER]]: exit code 3 says that something was changed, so that another tool's lock does not fit.
// What a repo asks for and the registry has is installed as asked; the image's package.json is the repo's own again later.
const { execFileSync } = require("node:child_process");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");

const OWN = "@orchestrator/sdk"; // never a registry's: whatever is called so there is not ours
const OFFICIAL = "@renderinc/sdk";
const KINDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

function change(file, edit) {
  if (!existsSync(file)) return;
  const content = JSON.parse(readFileSync(file, "utf8"));
  edit(content);
  writeFileSync(file, JSON.stringify(content, null, 2));
}

/** The manifests that may ask: that of the repo, and of its part that is deployed. */
const [version, folder] = process.argv.slice(2);
const FOLDERS = folder ? ["", folder] : [""];
const inside = (place, name) => (place ? `${place}/${name}` : name);
const LOCKS = ["package-lock.json", "npm-shrinkwrap.json"];
const CHANGED = 3;

/** Change what asks for the package: the manifests, and npm's lock, which is without it then. */
function edit(name, ofAsking) {
  process.exitCode = CHANGED;
  for (const place of FOLDERS) {
    change(inside(place, "package.json"), ofAsking);
    for (const lock of LOCKS) {
      change(lock, ({ packages = {} }) => {
        ofAsking(packages[place] ?? {});
        for (const at of ["", place]) delete packages[inside(at, `node_modules/${name}`)];
      });
    }
  }
}

function leaveOut(name) {
  edit(name, (asking) => KINDS.forEach((kind) => delete asking[kind]?.[name]));
}

/** Ask for just this version. */
function pin(name, version) {
  edit(name, (asking) => KINDS.forEach((kind) => asking[kind]?.[name] && (asking[kind][name] = version)));
}

/** Whether the registry says that there is no such package; any other trouble is the installation's to tell. */
function isUnknown(name) {
  try {
    execFileSync("npm", ["view", name, "name"], { stdio: "pipe" });
    return false;
  } catch (error) {
    return String(error.stderr).includes("E404");
  }
}

const manifests = FOLDERS.map((place) => JSON.parse(readFileSync(inside(place, "package.json"), "utf8")));
const asked = (name) => manifests.flatMap((one) => KINDS.map((kind) => one[kind]?.[name])).find((wanted) => wanted !== undefined);

if (asked(OWN)) leaveOut(OWN);
const wanted = asked(OFFICIAL);
if (wanted && !/^(file|link|git|https?|github|workspace):/.test(wanted)) {
  if (isUnknown(OFFICIAL)) {
    leaveOut(OFFICIAL);
    console.log(`${OFFICIAL} is answered by the orchestrator's own package: the registry has none of that name`);
  } else if (version) {
    // What is asked for would resolve to one that the tasks are not written for.
    pin(OFFICIAL, version);
  } else {
    console.log(`${OFFICIAL} ${wanted} is installed from the registry`);
  }
}
