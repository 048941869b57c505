import * as Plot from '@observablehq/plot'
import type { Html } from '../../html.js'
import { named } from '../words.js'
import { figure, type Series, short } from './figure.js'

interface Bars {
  label: string
  /** What hours lack, in words. */
  lacking: string
  series: readonly Series[]
  /** From top to bottom; names may be hostile and alike. */
  rows: readonly { name: string; values: readonly number[] }[]
  /** It has the width of the page. */
  isWhole?: boolean
  say: (value: number) => string
}

const ROW = { height: 30, bar: 22 }
/** Above its bar on a telephone, beside it else. */
const ROOM = { wide: 170, narrow: 8 }

/** Stacked bars, one for each name. */
export function barsChart({ label, lacking, series, rows, isWhole = false, say }: Bars): Html {
  const parts = rows.flatMap(({ values }, row) => {
    let right = 0
    return series.map(({ colour }, index) => {
      const left = right
      right += values[index] ?? 0
      return { row, colour, left, right }
    })
  })
  const most = Math.max(1, ...parts.map(({ right }) => right))
  return figure({
    label,
    legend: series,
    hatched: lacking,
    isWhole,
    draw: ({ isNarrow }) => {
      const pitch = isNarrow ? ROW.height + 16 : ROW.height
      const top = isNarrow ? 20 : 4
      return {
        height: rows.length * pitch + 34,
        marginLeft: isNarrow ? ROOM.narrow : ROOM.wide,
        marginRight: 16,
        marginTop: 6,
        marginBottom: 26,
        x: { domain: [0, most], nice: true, ticks: 5, tickFormat: short, tickSize: 0, label: null },
        y: { domain: [rows.length * pitch, 0], axis: null },
        marks: [
          Plot.gridX({ stroke: 'var(--grid)', strokeOpacity: 1, ticks: 5 }),
          Plot.rect(
            parts.filter(({ left, right }) => right > left),
            {
              x1: 'left',
              x2: 'right',
              y1: ({ row }) => row * pitch + top,
              y2: ({ row }) => row * pitch + top + ROW.bar,
              fill: 'colour',
              stroke: 'var(--paper)',
              strokeWidth: 0.5
            }
          ),
          Plot.text(rows, {
            x: 0,
            y: (_, row) => row * pitch + (isNarrow ? 10 : top + ROW.bar / 2),
            dx: isNarrow ? 3 : -8,
            textAnchor: isNarrow ? 'start' : 'end',
            text: ({ name }) => named(name, isNarrow ? 44 : 22)
          }),
          Plot.ruleX([0], { stroke: 'var(--axis)' }),
          Plot.rect(rows, {
            x1: 0,
            x2: most,
            y1: (_, row) => row * pitch,
            y2: (_, row) => (row + 1) * pitch,
            fill: 'transparent',
            pointerEvents: 'all',
            title: ({ name, values }) =>
              [
                named(name),
                ...series.flatMap(({ label }, index) =>
                  values[index] ? [`${label}: ${say(values[index])}`] : []
                )
              ].join('\n')
          })
        ]
      }
    }
  })
}
