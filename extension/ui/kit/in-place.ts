// What a click on a link of ours means: a plain one goes there in place, any other is the browser's.

/** Goes by `move` unless the person asked for a tab or a window of its own. */
export function inPlace(move: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    move()
  }
}
