// @ts-check
// Imported into npm: ends it when the process that started it is gone, so that a killed set-up does not leave an
// installation behind that goes on writing.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 200).unref();
