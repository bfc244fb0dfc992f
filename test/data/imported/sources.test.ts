import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { badImages } from '../../../src/data/imported/badImages.ts';
import { listClassFolders } from '../../../src/data/imported/classFolders.ts';
import { listCsv } from '../../../src/data/imported/csvList.ts';
import { listUtkFace } from '../../../src/data/imported/utkFace.ts';
import { temporaryFolder } from '../synthetic.ts';
import { GIVEN, userError, writeTree } from './support.ts';

/** A folder with these files; empty ones, where only names matter. */
async function folderOf(t: TestContext, names: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeTree(folder, Object.fromEntries(names.map((name) => [name, ''])));
  return folder;
}

describe('a folder per class', () => {
  it('with parts', async (t) => {
    const folder = await temporaryFolder(t);
    await writeTree(folder, { ...GIVEN, 'readme.txt': '', '.DS_Store': '', 'train/cat/.hidden.png': '' });
    const { images, classes, ignored, source } = await listClassFolders(folder);
    assert.equal(source, 'class-folders');
    assert.deepEqual(classes, ['cat', 'dog']);
    assert.deepEqual(ignored, ['readme.txt']);
    assert.deepEqual(
      images.map(({ file }) => file),
      Object.keys(GIVEN).sort(),
    );
    assert.deepEqual(images[0], {
      file: 'test/cat/d.png',
      path: join(await realpath(folder), 'test/cat/d.png'),
      label: 'cat',
      part: 'test',
    });
  });

  it('without parts: classes and images by code units, folders within, names in any case', async (t) => {
    const folder = await folderOf(t, [
      'b/10.PNG',
      'b/9.jpeg',
      'B/x.webp',
      'b/more/1.jpg',
      'B/.git/y.png',
      'a/ä.jpg',
    ]);
    const { images, classes } = await listClassFolders(folder);
    assert.deepEqual(classes, ['B', 'a', 'b']);
    assert.deepEqual(
      images.map(({ file, label, part }) => [file, label, part]),
      [
        ['B/x.webp', 'B', undefined],
        ['a/ä.jpg', 'a', undefined],
        ['b/10.PNG', 'b', undefined],
        ['b/9.jpeg', 'b', undefined],
        ['b/more/1.jpg', 'b', undefined],
      ],
    );
  });

  it('of which one is called train', async (t) => {
    const folder = await folderOf(t, ['train/1.jpg', 'bus/1.jpg']);
    assert.deepEqual((await listClassFolders(folder)).classes, ['bus', 'train']);
  });

  for (const [what, names, ...parts] of [
    ['an empty class', ['a/1.jpg', 'b/notes.txt'], 'b holds no images', 'at least one'],
    [
      'a class that is empty in a part',
      ['train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg'],
      'test/b holds no images',
    ],
    ['one class', ['a/1.jpg', 'a/2.jpg'], "one class only, 'a'", 'expected 2 to 256'],
    ['no class', ['notes.txt'], 'found 0 classes'],
    ['an image beside the classes', ['a/1.jpg', 'b/1.jpg', '2.jpg'], '2.jpg lies in no class', 'CLASS/'],
    [
      'an image beside the classes of a part',
      ['train/a/1.jpg', 'train/2.jpg', 'test/a/1.jpg'],
      'train/CLASS/',
    ],
    [
      'more than the parts',
      ['train/a/1.jpg', 'test/a/1.jpg', 'more/a/1.jpg'],
      'beside them more',
      'validation',
    ],
    ['no test part', ['train/a/1.jpg', 'val/a/1.jpg'], 'holds only train and val', '--csv'],
    ['one part', ['train/a/1.jpg', 'train/b/1.jpg'], 'holds only train', 'to have a test part drawn'],
  ] as const satisfies readonly (readonly [string, readonly string[], ...string[]])[]) {
    it(`refuses ${what}`, async (t) => {
      await assert.rejects(listClassFolders(await folderOf(t, names)), userError(...parts));
    });
  }

  it('refuses more than 256 classes', async (t) => {
    const folder = await folderOf(
      t,
      Array.from({ length: 257 }, (_, i) => `${i}/1.jpg`),
    );
    await assert.rejects(listClassFolders(folder), userError('found 257 classes'));
  });

  it('refuses a folder that is not there, or a file', async (t) => {
    const folder = await folderOf(t, ['file']);
    await assert.rejects(
      listClassFolders(join(folder, 'none')),
      userError(`There is no folder ${folder}/none`),
    );
    await assert.rejects(listClassFolders(join(folder, 'file')), userError('file is no folder'));
  });

  it('follows links to files within, and refuses all others', async (t) => {
    const outside = await folderOf(t, ['secret.jpg', 'people/1.jpg']);
    const link = async (target: string, name: string): Promise<string> => {
      const folder = await folderOf(t, ['a/1.jpg', 'b/1.jpg']);
      await symlink(target, join(folder, name));
      return folder;
    };
    const within = await link('../b/1.jpg', 'a/2.jpg');
    const { images } = await listClassFolders(within);
    assert.deepEqual(
      images.map(({ file }) => file),
      ['a/1.jpg', 'a/2.jpg', 'b/1.jpg'],
    );
    for (const [target, name, ...parts] of [
      [join(outside, 'secret.jpg'), 'a/2.jpg', 'a/2.jpg is a link that leads out', 'secret.jpg'],
      ['../../../etc/passwd', 'a/2.jpg', 'a/2.jpg is a link that leads'],
      [join(outside, 'people'), 'c', 'c is a link that leads out'],
      ['a', 'c', 'c is a link to a folder'],
      ['..', 'a/loop', 'a/loop is a link'],
      ['nowhere.jpg', 'a/2.jpg', 'a/2.jpg: expected an image; found a link that leads nowhere', '--skip-bad'],
      ['2.jpg', 'a/2.jpg', 'a/2.jpg: expected an image; found a link that leads nowhere', '--skip-bad'],
      ['nowhere', 'c', 'c is a link that leads nowhere'],
    ] as const) {
      await assert.rejects(listClassFolders(await link(target, name)), userError(...parts));
    }
    const inLink = join(await temporaryFolder(t), 'link');
    await symlink(within, inLink);
    assert.equal((await listClassFolders(inLink)).images.length, 3, 'the folder itself may be a link');
  });

  it('leaves out links to nowhere that are called as images, in order, where bad images are', async (t) => {
    const folder = await folderOf(t, ['a/1.jpg', 'b/1.jpg']);
    for (const name of ['b/3.png', 'a/2.jpg']) await symlink('nowhere', join(folder, name));
    const bad = badImages({ skip: true });
    const { images } = await listClassFolders(folder, { bad });
    assert.deepEqual(
      images.map(({ file }) => file),
      ['a/1.jpg', 'b/1.jpg'],
    );
    const reason = 'expected an image; found a link that leads nowhere';
    assert.deepEqual(bad.skipped, [
      { file: 'a/2.jpg', reason },
      { file: 'b/3.png', reason },
    ]);
    await symlink('nowhere', join(folder, 'c'));
    await assert.rejects(listClassFolders(folder, { bad }), userError('c is a link that leads nowhere'));
  });

  it('refuses what is no file', { skip: process.platform === 'win32' && 'no pipes' }, async (t) => {
    const folder = await folderOf(t, ['a/1.jpg', 'b/1.jpg']);
    execFileSync('mkfifo', [join(folder, 'a/2.jpg')]);
    await assert.rejects(
      listClassFolders(folder),
      userError('a/2.jpg: expected an image; found neither a file nor a folder'),
    );
  });

  it(
    'refuses a folder that may not be read',
    { skip: process.platform === 'win32' && 'no such users' },
    async (t) => {
      const folder = await folderOf(t, ['a/1.jpg', 'b/1.jpg']);
      await chmod(folder, 0o755);
      await chmod(join(folder, 'b'), 0o000);
      const root = process.geteuid?.() === 0;
      // For root every folder is readable.
      if (root) process.seteuid?.(65534);
      try {
        await assert.rejects(
          listClassFolders(folder),
          userError('/b may not be accessed: permission denied'),
        );
      } finally {
        if (root) process.seteuid?.(0);
      }
    },
  );
});

describe('a CSV', () => {
  const FILES = ['one.jpg', 'sub/two.png', 'three', 'four.jpg'];
  const list = async (
    t: TestContext,
    csv: string | Uint8Array,
    { skip = false, label }: { skip?: boolean; label?: string } = {},
  ) => {
    const folder = await folderOf(t, FILES);
    await writeTree(folder, { 'list.csv': csv });
    const bad = badImages({ skip });
    const listing = await listCsv(folder, { csv: join(folder, 'list.csv'), label, bad });
    return { ...listing, skipped: bad.skipped };
  };
  const refuses = (t: TestContext, csv: string | Uint8Array, ...parts: string[]) =>
    assert.rejects(list(t, csv), userError(...parts));

  it('gives images in its order, with parts and groups', async (t) => {
    const { images, classes, label } = await list(
      t,
      '\uFEFFpath, label,part,group\none.jpg,"b, or so",train,7\r\nsub/two.png,a,test,8\n\n"three",a,train,7\n',
    );
    assert.equal(label, 'label');
    assert.deepEqual(classes, ['a', 'b, or so']);
    assert.deepEqual(
      images.map(({ file, label: own, part, group }) => [file, own, part, group]),
      [
        ['one.jpg', 'b, or so', 'train', '7'],
        ['sub/two.png', 'a', 'test', '8'],
        ['three', 'a', 'train', '7'],
      ],
    );
  });

  it('takes semicolons and tabs, and labels from another column', async (t) => {
    for (const delimiter of [';', '\t']) {
      const rows = [['path', 'age', 'gender'], ['one.jpg', '3', 'f'], ['three', '4', 'm']]; // prettier-ignore
      const { images } = await list(t, rows.map((row) => row.join(delimiter)).join('\n'), {
        label: 'gender',
      });
      assert.deepEqual(
        images.map(({ label, part, group }) => [label, part, group]),
        [
          ['f', undefined, undefined],
          ['m', undefined, undefined],
        ],
      );
    }
  });

  it('refuses missing columns', async (t) => {
    await refuses(t, 'file,label\none.jpg,a\n', "no column 'path'", 'found file, label');
    await refuses(t, 'path,class\none.jpg,a\n', "no column 'label'", 'found path, class', '--label');
    await refuses(t, '', "no column 'path'", 'found nothing');
  });

  it('refuses a path out of the folder, even where bad images are left out', async (t) => {
    const outside = await folderOf(t, ['x.jpg']);
    for (const path of [join(outside, 'x.jpg'), '../x.jpg', 'sub/../../x.jpg', '']) {
      const csv = `path,label\none.jpg,a\n"${path}",b\n`;
      await assert.rejects(list(t, csv, { skip: true }), userError(`row 3 names '${path}', which is not in`));
    }
    const folder = await folderOf(t, FILES);
    await symlink(join(outside, 'x.jpg'), join(folder, 'link.jpg'));
    await writeTree(folder, { 'list.csv': 'path,label\none.jpg,a\nlink.jpg,b\n' });
    await assert.rejects(
      listCsv(folder, { csv: join(folder, 'list.csv'), bad: badImages({ skip: true }) }),
      userError("row 3 names 'link.jpg', which is not in"),
    );
  });

  it('refuses or leaves out an image that is not there or has no label', async (t) => {
    const absent = 'path,label\none.jpg,a\nnone.jpg,a\nthree,b\n';
    await refuses(t, absent, 'none.jpg', 'row 3', 'found no such file', '--skip-bad');
    const without = 'path,label\none.jpg,a\nfour.jpg,\nthree,b\n';
    await refuses(t, without, 'four.jpg', 'row 3', 'gives no label');
    for (const csv of [absent, without]) {
      const { images, skipped } = await list(t, csv, { skip: true });
      assert.deepEqual([images.length, skipped.length], [2, 1]);
    }
  });

  it('refuses an image twice, another part, an empty group, a torn row, one class', async (t) => {
    await refuses(t, 'path,label\none.jpg,a\n./one.jpg,b\n', 'row 3 lists ./one.jpg again', 'row 2');
    await refuses(
      t,
      'path,label,part\none.jpg,a,train\nthree,b,dev\n',
      "row 3 has the part 'dev'",
      'train or test or val',
    );
    await refuses(t, 'path,label,part\none.jpg,a,train\nthree,b,\n', "row 3 has the part ''");
    await refuses(t, 'path,label,group\none.jpg,a,1\nthree,b,\n', 'row 3 has no group');
    await refuses(t, 'path,label,group\none.jpg,a,1\nthree,b\n', 'row 3 cannot be read', 'Too few fields');
    // Empty rows count, wherever they are.
    const gaps = '\n\npath,label,part\n\none.jpg,a,train\n\n';
    await refuses(t, `${gaps}three,b,dev\n`, "row 7 has the part 'dev'");
    await refuses(t, `${gaps}three.jpg,b\n`, 'row 7 cannot be read', 'Too few fields');
    await refuses(t, `${gaps}"three.jpg,b,test`, 'row 7 cannot be read', 'Quoted field unterminated');
    await refuses(t, 'path,label\none.jpg,a\nthree,a\n', "one class only, 'a'");
  });

  it('refuses another encoding than UTF-8, in which two classes may become one', async (t) => {
    const text = 'path,label\none.jpg,caf\u00e9\nthree,caf\u00e8\nfour.jpg,a\n';
    assert.deepEqual((await list(t, text)).classes, ['a', 'caf\u00e8', 'caf\u00e9']);
    for (const encoding of ['latin1', 'utf16le'] as const) {
      await refuses(
        t,
        Buffer.from(`\uFEFF${text}`.slice(encoding === 'latin1' ? 1 : 0), encoding),
        'list.csv is no text in UTF-8',
      );
    }
  });

  it('refuses a CSV that is not there', async (t) => {
    const folder = await folderOf(t, FILES);
    const options = { csv: join(folder, 'none.csv'), bad: badImages({ skip: false }) };
    await assert.rejects(listCsv(folder, options), userError('There is no file', 'none.csv'));
  });
});

describe("UTKFace's names", () => {
  const NAMES = [
    'part1/26_1_2_20170116184024662.jpg.chip.jpg',
    '101_0_0_20170112213500903.jpg',
    '1_1_4_2017.jpg',
  ];

  it('give the gender', async (t) => {
    const { images, classes, source, label } = await listUtkFace(await folderOf(t, NAMES), {
      bad: badImages({ skip: false }),
    });
    assert.deepEqual([source, label, classes], ['utkface', 'gender', ['male', 'female']]);
    assert.deepEqual(
      images.map(({ file, label: own }) => [file, own]),
      [
        [NAMES[1], 'male'],
        [NAMES[2], 'female'],
        [NAMES[0], 'female'],
      ],
    );
  });

  it('of another form are refused, or left out', async (t) => {
    const wrong = ['61_1_20170109142408075.jpg', '61_3_20170109150557335.jpg', '5_2_1_2017.jpg', 'photo.jpg'];
    for (const name of wrong) {
      const folder = await folderOf(t, [...NAMES, name]);
      await assert.rejects(
        listUtkFace(folder, { bad: badImages({ skip: false }) }),
        userError(name, 'age_gender_race_date', '--skip-bad'),
      );
      const bad = badImages({ skip: true });
      assert.equal((await listUtkFace(folder, { bad })).images.length, 3);
      assert.deepEqual(bad.skipped.map(({ file }) => file), [name]); // prettier-ignore
    }
  });

  it('give no other label', async (t) => {
    const folder = await folderOf(t, NAMES);
    await mkdir(join(folder, 'empty'));
    await assert.rejects(
      listUtkFace(folder, { label: 'mood', bad: badImages({ skip: false }) }),
      /no label 'mood'.*Known: gender/,
    );
  });
});
