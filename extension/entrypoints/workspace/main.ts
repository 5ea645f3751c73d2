// The full page, as Chrome opens it.

import { chromeEnvironment } from '../../browser/environment.ts'
import { mountWorkspace } from '../../ui/workspace.tsx'

const root = document.querySelector<HTMLElement>('#root')
if (root) mountWorkspace(root, chromeEnvironment('workspace'))
