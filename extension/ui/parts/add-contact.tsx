// Add contact: a dialog with the form.

import { useEffect } from 'preact/hooks'

import { beginAdding, closeForm } from '../../core/record.ts'
import { recordWords } from '../../words/record.ts'
import { Dialog } from '../kit/dialog.tsx'
import { ContactForm } from './contact-form.tsx'

export function AddContact({ onClose }: { onClose: () => void }) {
  useEffect(() => {
    beginAdding()
    return closeForm
  }, [])

  return (
    <Dialog title={recordWords.add} closeLabel={recordWords.cancel} onClose={onClose}>
      <ContactForm action={recordWords.addAction} onDone={onClose} onCancel={onClose} />
    </Dialog>
  )
}
