// Markdown as plain text, for channels that would show the customer its marks.

/**
 * The text without the marks an agent likes to set: bold, headings, links, code. A lone star, an
 * underscore or a dash stays: it may be meant. Never longer than what was given.
 */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^```[^\n]*\n?/gm, '')
    .replace(/^#{1,6} +(?=\S)/gm, '')
    .replace(/\*\*([^*\n]{1,1000})\*\*/g, '$1')
    .replace(/!?\[([^[\]\n]{0,500})\]\((https?:[^()\s]{1,2000})\)/g, (_, title: string, url) =>
      title === '' || title === url ? url : `${title} (${url})`,
    )
    .replace(/`([^`\n]{1,1000})`/g, '$1')
    .trim()
}
