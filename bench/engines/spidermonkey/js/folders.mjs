// The folders that are opened for a guest: none without WASI.

/** No folders. */
export class Folders {
  closeLeftOpen() {}
}
