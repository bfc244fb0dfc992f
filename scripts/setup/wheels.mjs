// @ts-check

/** The version of TensorFlow that the addon is built against. */
export const TENSORFLOW_VERSION = '2.21.0';

/**
 * A file of the Python package index, pinned.
 *
 * @typedef {object} Wheel
 * @property {string} requirement what pip is asked for
 * @property {string} tag the platform tag that pip is told
 * @property {string} file
 * @property {string} sha256
 * @property {number} [bytes] size of the file, where known
 */

/**
 * @typedef {object} Build
 * @property {'cpu' | 'gpu'} variant
 * @property {readonly Wheel[]} wheels the first one holds TensorFlow itself
 * @property {number} space bytes on disk that it takes at most: everything unpacked, and the largest wheel
 */

/** @type {Readonly<Record<string, readonly Build[]>>} */
const BUILDS = {
  'linux-x64': [
    {
      variant: 'cpu',
      wheels: [
        {
          requirement: `tensorflow-cpu==${TENSORFLOW_VERSION}`,
          tag: 'manylinux_2_27_x86_64',
          file: `tensorflow_cpu-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
          sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
          bytes: 273_829_956,
        },
      ],
      space: 1_128e6,
    },
    {
      variant: 'gpu',
      wheels: [
        {
          requirement: `tensorflow==${TENSORFLOW_VERSION}`,
          tag: 'manylinux_2_27_x86_64',
          file: `tensorflow-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
          sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
          bytes: 572_440_367,
        },
        // What the wheel's METADATA lists under `and-cuda`, each at the newest version that its ranges allow.
        ...nvidia([
          [
            'cublas',
            '12.9.3.13',
            'manylinux_2_27_x86_64',
            'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
          ],
          [
            'cuda-cupti',
            '12.9.79',
            'manylinux_2_25_x86_64',
            '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
          ],
          [
            'cuda-nvcc',
            '12.9.86',
            'manylinux2010_x86_64.manylinux_2_12_x86_64',
            '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
          ],
          [
            'cuda-nvrtc',
            '12.9.86',
            'manylinux2010_x86_64.manylinux_2_12_x86_64',
            '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
          ],
          [
            'cuda-runtime',
            '12.9.79',
            'manylinux2014_x86_64.manylinux_2_17_x86_64',
            '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
          ],
          [
            'cudnn',
            '9.28.0.42',
            'manylinux_2_27_x86_64',
            '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
          ],
          [
            'cufft',
            '11.4.1.4',
            'manylinux2014_x86_64.manylinux_2_17_x86_64',
            'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
          ],
          [
            'curand',
            '10.3.10.19',
            'manylinux_2_27_x86_64',
            '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
          ],
          [
            'cusolver',
            '11.7.5.82',
            'manylinux_2_27_x86_64',
            '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
          ],
          [
            'cusparse',
            '12.5.10.65',
            'manylinux2014_x86_64.manylinux_2_17_x86_64',
            '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
          ],
          [
            'nccl',
            '2.32.3',
            'manylinux_2_27_x86_64',
            'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
          ],
          [
            'nvjitlink',
            '12.9.86',
            'manylinux2010_x86_64.manylinux_2_12_x86_64',
            'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
          ],
        ]),
      ],
      space: 6_400e6,
    },
  ],
  'linux-arm64': [
    {
      variant: 'cpu',
      wheels: [
        {
          requirement: `tensorflow==${TENSORFLOW_VERSION}`,
          tag: 'manylinux_2_27_aarch64',
          file: `tensorflow-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_aarch64.whl`,
          sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
          bytes: 281_828_020,
        },
      ],
      space: 1_166e6,
    },
  ],
  'darwin-arm64': [
    {
      variant: 'cpu',
      wheels: [
        {
          requirement: `tensorflow==${TENSORFLOW_VERSION}`,
          tag: 'macosx_12_0_arm64',
          file: `tensorflow-${TENSORFLOW_VERSION}-cp311-cp311-macosx_12_0_arm64.whl`,
          sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
          bytes: 223_405_849,
        },
      ],
      space: 966e6,
    },
  ],
};

/**
 * The build of TensorFlow for a platform.
 *
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 * @param {'cpu' | 'gpu'} variant
 * @returns {Build | undefined} undefined where there is none
 */
export function buildFor(platform, arch, variant) {
  return BUILDS[`${platform}-${arch}`]?.find((build) => build.variant === variant);
}

/**
 * @param {readonly (readonly [name: string, version: string, tag: string, sha256: string])[]} rows
 * @returns {Wheel[]}
 */
function nvidia(rows) {
  return rows.map(([name, version, tag, sha256]) => ({
    requirement: `nvidia-${name}-cu12==${version}`,
    tag: tag.replace(/^.*\./, ''),
    file: `nvidia_${name.replace('-', '_')}_cu12-${version}-py3-none-${tag}.whl`,
    sha256,
  }));
}
