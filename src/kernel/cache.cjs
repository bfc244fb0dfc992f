'use strict';
/* global __dirname */
// Texts kept between kernels, in node_modules/.cache/msl-kernel. Plain JavaScript, since it loads the rest.
const fs = require('node:fs');
const path = require('node:path');
const process = require('node:process');

const DAY = 24 * 60 * 60 * 1000;

/** How long a text stays that no kernel reads, in milliseconds. */
const UNUSED = 30 * DAY;

/** The nearest node_modules above this file that can be written to, or null. */
function findFolder() {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const modules = path.basename(folder) === 'node_modules' ? folder : path.join(folder, 'node_modules');
    if (fs.existsSync(modules)) {
      try {
        const cache = path.join(modules, '.cache', 'msl-kernel');
        fs.mkdirSync(cache, { recursive: true });
        fs.accessSync(cache, fs.constants.W_OK);
        return cache;
      } catch {
        return null;
      }
    }
    if (folder === path.dirname(folder)) return null;
  }
}

class Cache {
  /** @param {string | null} folder where there is none, nothing is kept */
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * @param {string} name
   * @returns {string | undefined} the text kept under that name
   */
  read(name) {
    if (this.folder === null) return undefined;
    const file = path.join(this.folder, name);
    try {
      const text = fs.readFileSync(file, 'utf8');
      const now = Date.now();
      if (now - fs.statSync(file).mtimeMs > DAY) fs.utimesSync(file, now / 1000, now / 1000);
      return text;
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps a text; nobody ever reads a part of it.
   *
   * @param {string} name
   * @param {string} text
   */
  write(name, text) {
    if (this.folder === null) return;
    const file = path.join(this.folder, name);
    const part = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    try {
      fs.writeFileSync(part, text);
      fs.renameSync(part, file);
    } catch {
      // A full disk or a folder that was removed meanwhile: the text is made again next time.
    }
  }

  /**
   * Removes what was not read for a month. Never throws.
   *
   * @param {string | null} [folder]
   */
  prune(folder = this.folder) {
    if (folder === null) return;
    try {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) this.prune(file);
        else if (Date.now() - fs.statSync(file).mtimeMs > UNUSED) fs.rmSync(file);
      }
    } catch {
      // Another kernel removes, too.
    }
  }
}

module.exports = { Cache, cache: new Cache(findFolder()) };
