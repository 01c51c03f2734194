"""A small correct table that tests spoil in one place."""

GOOD = """\
version: 1
evaluation:
  id: demo
  title: 演示
  period: {start: 2021-01-01, end: 2021-12-31}
  timezone: Asia/Shanghai
  language: zh
milestones:
  pack: 2021-12-14T14:00
  submit: 2021-12-17T17:00
layout: {indicators: 指标}
categories:
  - {id: policy, name: 政策文件, kinds: [pdf, word]}
  - {id: screenshot, name: 网站截图, kinds: [image]}
defaults:
  evidence: {min_files: 1}
indicators:
  - code: "1"
    name: 能力
    children:
      - code: "1.1"
        name: 梳理
        owner: 责任人
        questions:
          - code: 1.1-01
            title: 清单
            evidence: {required: [policy]}
          - {code: 1.1-02, title: 归集}
  - code: "3"
    name: 满意度
    filled_by: enterprise
rules:
  severity: {E305: info, E112: off}
waivers:
  - {rule: E203, question: 1.1-01, reason: 原名}
"""
