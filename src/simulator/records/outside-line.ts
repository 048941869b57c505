import type { Draw } from './draw.js'

/** A number outside the organisation, in a range that the country's regulator keeps for fiction. */
export interface OutsideLine {
  number: string
  name: string
  /** ISO 3166 code where calling it from the United States is international, else empty. */
  country: string
}

const AREA_CODES = ['202', '303', '312', '415', '503', '617', '702', '808', '919']

const ABROAD = [
  { country: 'GB', prefix: '+442079460', digits: 3 },
  { country: 'IE', prefix: '+35320911', digits: 4 },
  { country: 'AU', prefix: '+6125550', digits: 4 },
  { country: 'SE', prefix: '+468465004', digits: 2 },
  { country: 'FR', prefix: '+3319900', digits: 4 },
  { country: 'DE', prefix: '+493023125', digits: 3 }
]

const NAMES = ['NA', 'NA', 'WIRELESS CALLER', "O'NEILL JAMES", 'ACME, INC.', 'Łódź Hotel', 'Café ☕', '李雷']

export function nationalLine(draw: Draw): OutsideLine {
  const number = `+1${draw.pick(AREA_CODES)}55501${draw.whole(0, 99).toString().padStart(2, '0')}`
  return { number, name: draw.pick(NAMES), country: '' }
}

export function foreignLine(draw: Draw): OutsideLine {
  const { country, prefix, digits } = draw.pick(ABROAD)
  const last = draw.whole(0, 10 ** digits - 1)
  return { number: prefix + String(last).padStart(digits, '0'), name: draw.pick(NAMES), country }
}
