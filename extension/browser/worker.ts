// The one worker this build talks to. Set when the extension is built, like its host permission.

/** Without a slash at its end. */
export const workerUrl: string = import.meta.env.ALONGSIDE_URL
