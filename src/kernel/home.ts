import os from 'node:os';

/** A path in which `~` stands for the home folder, as shells read it. */
export const fromHome = (file: string): string => file.replace(/^~(?=\/|$)/, os.homedir());
