// The side panel, as Chrome opens it.

import { chromeEnvironment } from '../../browser/environment.ts'
import { mountPanel } from '../../ui/panel.tsx'

const root = document.querySelector<HTMLElement>('#root')
if (root) mountPanel(root, chromeEnvironment('panel'))
