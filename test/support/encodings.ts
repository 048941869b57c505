/** A text as the editors and shells of Windows write it. */
export const ENCODINGS = {
  'UTF-8 with a byte order mark': (text: string) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE with a byte order mark': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE with a byte order mark': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'UTF-8 with CRLF': (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))
}

/** Ways that cannot be told from others, and what is to be said of a file called NAME. */
export const UNREADABLE: [what: string, bytes: Buffer, message: string][] = [
  [
    'UTF-16 without a byte order mark',
    Buffer.from('LOG_LEVEL=info\n', 'utf16le'),
    'NAME is UTF-16 or UTF-32 without a byte order mark, or not a text file: save it as UTF-8'
  ],
  [
    'UTF-32',
    Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]),
    'NAME is UTF-16 or UTF-32 without a byte order mark, or not a text file: save it as UTF-8'
  ],
  [
    'Windows-1252',
    Buffer.from('# Grüße\nLOG_LEVEL=info\n', 'latin1'),
    'NAME is not valid UTF-8 (is it Windows-1252?): save it as UTF-8'
  ],
  [
    'half of a UTF-16 file',
    Buffer.from('\uFEFFLOG_LEVEL=info', 'utf16le').subarray(0, 9),
    'NAME is not valid UTF-16 (is it truncated?): save it as UTF-8'
  ]
]
