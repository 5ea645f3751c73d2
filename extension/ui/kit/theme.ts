// Light or dark: the system's choice until the person makes one.

import { atom } from 'nanostores'

export type Theme = 'system' | 'light' | 'dark'

const key = 'theme'

export const $theme = atom<Theme>('system')

/** Takes up the choice made before. */
export function resumeTheme(): void {
  const kept = localStorage.getItem(key)
  setTheme(kept === 'light' || kept === 'dark' ? kept : 'system')
}

export function setTheme(theme: Theme): void {
  $theme.set(theme)
  document.documentElement.dataset['theme'] = theme
  if (theme === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, theme)
}
