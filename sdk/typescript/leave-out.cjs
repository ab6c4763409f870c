// Before packages are installed in an image: takes out of package.json and its lock what is answered by packages of ours.
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

function leaveOut(name) {
  change("package.json", (content) => KINDS.forEach((kind) => delete content[kind]?.[name]));
  for (const lock of ["package-lock.json", "npm-shrinkwrap.json"]) {
    change(lock, ({ packages = {} }) => {
      KINDS.forEach((kind) => delete packages[""]?.[kind]?.[name]);
      delete packages[`node_modules/${name}`];
    });
  }
}

/** Ask for just this version, which the lock is then without. */
function pin(name, version) {
  const asked = (content) => KINDS.forEach((kind) => content?.[kind]?.[name] && (content[kind][name] = version));
  change("package.json", asked);
  for (const lock of ["package-lock.json", "npm-shrinkwrap.json"]) {
    change(lock, ({ packages = {} }) => {
      asked(packages[""]);
      delete packages[`node_modules/${name}`];
    });
  }
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

/** The version to install where what is asked for would resolve to one that the tasks are not written for. */
const [version] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const asked = (name) => KINDS.map((kind) => manifest[kind]?.[name]).find((wanted) => wanted !== undefined);

if (asked(OWN)) leaveOut(OWN);
const wanted = asked(OFFICIAL);
if (wanted && !/^(file|link|git|https?|github|workspace):/.test(wanted)) {
  if (isUnknown(OFFICIAL)) {
    leaveOut(OFFICIAL);
    console.log(`${OFFICIAL} is answered by the orchestrator's own package: the registry has none of that name`);
  } else if (version) {
    pin(OFFICIAL, version);
  } else {
    console.log(`${OFFICIAL} ${wanted} is installed from the registry`);
  }
}
