export {
  currentHeader,
  decodedFolder,
  openDecoded,
  type DecodedSet,
  type DecodedOptions,
} from './openDecoded.ts';
