// Small files of each kind, for phones that send one without saying which.

export interface Sample {
  readonly name: string
  readonly type: string
  readonly base64: string
}

const pdf = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj',
  'trailer<</Root 1 0 R>>',
  '%%EOF',
  '',
].join('\n')

export const samples: Readonly<Record<string, Sample>> = {
  image: {
    name: 'photo.png',
    type: 'image/png',
    base64:
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  },
  document: { name: 'document.pdf', type: 'application/pdf', base64: btoa(pdf) },
  audio: {
    name: 'sound.ogg',
    type: 'audio/ogg',
    base64: btoa(`OggS\0\x02${'\0'.repeat(20)}\x01\x13OpusHead\x01\x01`),
  },
  video: {
    name: 'video.mp4',
    type: 'video/mp4',
    base64: btoa('\0\0\0\x18ftypisom\0\0\x02\0isomiso2mp41'),
  },
  sticker: {
    name: 'sticker.webp',
    type: 'image/webp',
    base64: 'UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==',
  },
}
