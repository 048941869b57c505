import { describe, expect, it } from 'vitest'
import { fixed, HOUR, NOW, start } from './caller.js'

describe('truth', () => {
  it('takes the newest version of a Report ID, whatever its case', async () => {
    const older = { ...fixed(1, NOW - HOUR), 'Report ID': 'EA9CD4C2-B4E8-3E0F-B518-B14906A6D01A' }
    const newer = {
      ...older,
      'Report ID': 'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01a',
      'Report time': '2027-01-01T00:00:00.000Z'
    }
    for (const records of [
      [older, newer],
      [newer, older]
    ]) {
      const simulator = await start({ records })
      expect(simulator.truth()).toEqual(new Map([[newer['Report ID'], newer]]))
    }
  })
})
