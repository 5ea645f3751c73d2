// A customer of the demo, on whatever they write with.

export interface Caller {
  /** How operators see the address; sessions are found by it. */
  readonly contact: string
  says(text: string): Promise<void>
  taps(title: string): Promise<void>
  picture(text: string): Promise<void>
  place(name: string, at: readonly [number, number]): Promise<void>
  card(name: string, phone: string): Promise<void>
  reacts(emoji: string): Promise<void>
  /** What is sent to them next does not arrive. */
  unreachable(): Promise<void>
  /** Since `unreachable`. */
  readonly isCutOff: boolean
  /** How many messages have come to them so far. */
  heardCount(): Promise<number>
  leave(): Promise<void>
}
