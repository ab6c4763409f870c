module.exports = require("@orchestrator/sdk/renderinc");
